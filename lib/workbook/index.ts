export { startLocalCloud } from "../localcloud/index.js";
