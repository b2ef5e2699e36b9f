/** Tests run on the sources as they are: swc only strips types, Node's own ESM loads the rest. */
export default {
  rootDir: ".",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // They break things and want the machine for themselves: test/chaos/jest.config.js.
  testPathIgnorePatterns: ["/node_modules/", "\\.chaos\\.test\\.ts$"],
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "es6" }, sourceMaps: "inline" },
    ],
  },
  testTimeout: 60_000,
  maxWorkers: 2,
};
