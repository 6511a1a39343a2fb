// Single changes of the rules, each of which must be noticed by the matrix.

const ALLOW = /allow ([a-z, ]+): if ([^;]+);/g;
const RETURN = /return ([^;]+);/g;

/**
 * Return every mutant of `rules` as {name, near, content}; `near` is the collection of the match
 * block that was changed, so that its cells can be tried first.
 */
export function mutantsOf(rules) {
  const allows = [...rules.matchAll(ALLOW)].flatMap((found) => [
    ...constants(rules, found, found[2]),
    ...withoutEachOperand(rules, found, found[2]),
    ...opened(rules, found),
  ]);
  const returns = [...rules.matchAll(RETURN)].flatMap((found) => [
    ...constants(rules, found, found[1]),
    ...withoutEachOperand(rules, found, found[1]),
  ]);
  return [...allows, ...returns];
}

function constants(rules, found, condition) {
  return ["true", "false"]
    .filter((constant) => constant !== condition)
    .map((constant) => replaced(rules, found, 0, condition, constant));
}

/** Every operand of `||` is left out, and every operand of `&&` holds always, in parentheses too. */
function withoutEachOperand(rules, found, condition) {
  return operands(condition)
    .filter(({ text }) => !["true", "false"].includes(text.trim()))
    .map(({ text, at, operator }) =>
      replaced(rules, found, at, text, operator === "||" ? " false " : " true "),
    );
}

/** The operands of each chain of one operator, from the outside in, with their offsets. */
function operands(text, offset = 0) {
  for (const operator of ["||", "&&"]) {
    const parts = split(text, operator);
    if (parts.length > 1) {
      return parts.flatMap((part) => [
        { text: part.text, at: offset + part.at, operator },
        ...operands(part.text, offset + part.at),
      ]);
    }
  }
  const grouped = /^(\s*!?\s*)\(([\s\S]*)\)\s*$/.exec(text);
  return grouped ? operands(grouped[2], offset + grouped[1].length + 1) : [];
}

/** Split where the operator is in no parentheses or brackets. */
function split(text, operator) {
  const parts = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    if ("([".includes(text[at])) depth++;
    if (")]".includes(text[at])) depth--;
    if (depth === 0 && text.startsWith(operator, at)) {
      parts.push({ text: text.slice(start, at), at: start });
      start = at + operator.length;
    }
  }
  return [...parts, { text: text.slice(start), at: start }];
}

/** The statement allows writing too, on the same condition. */
function opened(rules, found) {
  const statement = `allow ${found[1]}`;
  return statement.includes("write") ? [] : [replaced(rules, found, 0, statement, `${statement}, write`)];
}

/** `before` is replaced; `at` is its offset in the condition of the statement. */
function replaced(rules, found, at, before, after) {
  const condition = found.at(-1);
  const inside = found[0].lastIndexOf(condition);
  const start = found.index + (condition.startsWith(before, at) ? inside + at : found[0].indexOf(before));
  const content = rules.slice(0, start) + after + rules.slice(start + before.length);
  const line = rules.slice(0, start).split("\n").length;
  const block = [...rules.slice(0, found.index).matchAll(/match \/([a-z]+)\//g)].at(-1);
  return { name: `line ${line}: ${shown(before)} -> ${shown(after)}`, near: block?.[1] ?? "", content };
}

const shown = (code) => code.replace(/\s+/g, " ").trim();
