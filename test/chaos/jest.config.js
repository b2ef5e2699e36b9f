import common from "../../jest.config.js";

/** One case at a time: each wants the machine for itself. */
export default {
  ...common,
  rootDir: "../..",
  testMatch: ["**/*.chaos.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  maxWorkers: 1,
  verbose: true,
  // A case that failed may still be waiting for what it did not get.
  forceExit: true,
};
