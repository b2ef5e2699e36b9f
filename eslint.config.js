import tseslint from "typescript-eslint";

/** The import boundaries are the laws of ARCHITECTURE.md: data flows one way, and a room is entered by its door. */
const nobodyEntersARoom = {
  group: ["**/services/*/**", "!**/services/*/*.contract.ts"],
  message: "A service is a room with one door: import its contract, nothing past it.",
};
const ownRoomOnly = {
  regex: "^\\.\\./(?!contracts\\.ts$|[a-z]+/[a-z-]+\\.contract\\.ts$)(?!\\.\\./)",
  message: "Another room is reached by its contract and ctx.call, never by its files.",
};

export default tseslint.config(
  { ignores: ["node_modules/", "data/", "coverage/"] },
  ...tseslint.configs.strictTypeChecked.map(config => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "always" }],
      "@typescript-eslint/no-invalid-void-type": "off",
      // A contract without channels has none: the empty default of a type parameter is meant.
      "@typescript-eslint/no-generated-empty-object-type": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: "broker/env.ts is the only reader of process.env.",
        },
      ],
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["broker/**/*.ts", "mixins/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["**/services/**"], message: "broker/ and mixins/ import no service." }] },
      ],
    },
  },
  {
    files: ["broker/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["**/services/**", "**/mixins/**"], message: "broker/ imports neither service nor mixin." },
          ],
        },
      ],
    },
  },
  {
    files: ["services/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [ownRoomOnly] }] },
  },
  {
    files: ["scripts/**/*.ts", "bench/**/*.ts", "moleculer.config.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [nobodyEntersARoom] }] },
  },
  {
    files: ["broker/env.ts", "scripts/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  { files: ["test/**/*.ts"], rules: { "max-lines": "off", "@typescript-eslint/no-non-null-assertion": "off" } },
);
