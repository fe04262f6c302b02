/** Rules that find mistakes; style is left to the author. */

import { fileURLToPath } from "node:url";

import js from "@eslint/js";
import typescript from "typescript-eslint";

export default [
  { ignores: ["**/vendor/**", "**/node_modules/**"] },
  js.configs.recommended,
  {
    files: ["**/static/**/*.js"],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "module",
      parser: typescript.parser,
      parserOptions: { project: "tsconfig.json", tsconfigRootDir: fileURLToPath(new URL(".", import.meta.url)) },
    },
    plugins: { typescript: typescript.plugin },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // tsc finds undefined names, with those of browsers declared.
      "no-undef": "off",

      "array-callback-return": "error",
      "default-case-last": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-constructor-return": "error",
      "no-eval": "error",
      "no-extend-native": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-promise-executor-return": "error",
      "no-return-assign": ["error", "except-parens"],
      "no-script-url": "error",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unused-expressions": ["error", { allowShortCircuit: true, allowTernary: true }],
      "no-unused-vars": ["error", { args: "after-used" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-useless-assignment": "error",
      "no-var": "error",
      "prefer-promise-reject-errors": "error",
      radix: "error",

      "typescript/await-thenable": "error",
      "typescript/no-floating-promises": "error",
      "typescript/no-for-in-array": "error",
      "typescript/no-misused-promises": ["error", { checksVoidReturn: false }],
      "typescript/no-implied-eval": "error",
      "typescript/require-array-sort-compare": ["error", { ignoreStringArrays: true }],
      "typescript/restrict-plus-operands": "error",
      "typescript/switch-exhaustiveness-check": "error",
      "typescript/unbound-method": "error",
    },
  },
];
