import { parseArgs, type ParseArgsConfig } from "node:util";

/** Exit code of a command that was called wrongly. */
export const EX_USAGE = 64;

/** The options of a command without other arguments; called wrongly, it says what is wrong and how it is called, and exits. */
export function readOptions<T extends NonNullable<ParseArgsConfig["options"]>>(options: T, help: string) {
  try {
    return parseArgs({ options }).values;
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${help}`);
    process.exit(EX_USAGE);
  }
}
