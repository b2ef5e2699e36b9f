/** `npm run test:chaos [-- jest arguments]`: every case with its whole counts, and the soak. */
import { runChaos } from "./run-chaos.ts";

process.exitCode = await runChaos(process.argv.slice(2), false);
