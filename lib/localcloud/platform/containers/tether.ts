/**
 * Loaded into every container before its program: the container ends when the local cloud does, however that ended.
 * The channel between the two closes with the cloud's process, `kill -9` included.
 */
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// The channel alone must not keep a program alive that has ended.
process.channel?.unref();
