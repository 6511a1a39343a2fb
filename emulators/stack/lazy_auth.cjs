// Loaded into the Firebase command line before its own code: the Auth emulator then compiles the schema
// of a request when the first such request comes. Else it compiles those of all its operations before it
// answers at all, twelve seconds of computing of which a stack uses a hundredth. Exegesis, which it is
// built on, has an option for this; the command line has none to set it.
"use strict";

const exegesis = require("exegesis-express");

const middleware = exegesis.middleware;

exegesis.middleware = (document, options, ...rest) =>
  middleware(document, { ...options, lazyCompileValidationSchemas: true }, ...rest);
