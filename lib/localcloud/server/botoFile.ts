import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** gsutil takes the address of its service from a file alone, named by BOTO_CONFIG; it speaks TLS only (contracts 5.2). */
export function writeBotoFile(stateDir: string, port: number, project: string): void {
  const text = `# Written by the local cloud at each start: with BOTO_CONFIG naming this file, gsutil talks to it.
[Credentials]
gs_json_host = 127.0.0.1
gs_json_port = ${port}

[Boto]
https_validate_certificates = False

[GSUtil]
prefer_api = json
default_project_id = ${project}
software_update_check_period = 0
`;
  writeFileSync(join(stateDir, "boto"), text);
}
