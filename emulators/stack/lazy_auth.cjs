// Loaded into the Firebase command line before its own code: the Auth emulator then compiles the schema
// of a request when the first such request arrives. Without it, it compiles the schemas of all operations
// before its first answer, which takes twelve seconds. Exegesis, its framework, has an option for this,
// but the command line cannot set it.
"use strict";

const exegesis = require("exegesis-express");

const middleware = exegesis.middleware;

exegesis.middleware = (document, options, ...rest) =>
  middleware(document, { ...options, lazyCompileValidationSchemas: true }, ...rest);
