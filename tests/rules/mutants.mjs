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
    ...withoutEachAlternative(rules, found, found[2]),
    ...opened(rules, found),
  ]);
  const returns = [...rules.matchAll(RETURN)].flatMap((found) => [
    ...constants(rules, found, found[1]),
    ...withoutEachAlternative(rules, found, found[1]),
  ]);
  return [...allows, ...returns];
}

function constants(rules, found, condition) {
  return ["true", "false"]
    .filter((constant) => constant !== condition)
    .map((constant) => replaced(rules, found, condition, constant));
}

function withoutEachAlternative(rules, found, condition) {
  const alternatives = condition.split("||");
  if (alternatives.length === 1) return [];
  return alternatives.map((alternative) => replaced(rules, found, alternative, " false "));
}

/** The statement allows writing too, on the same condition. */
function opened(rules, found) {
  const statement = `allow ${found[1]}`;
  return statement.includes("write") ? [] : [replaced(rules, found, statement, `${statement}, write`)];
}

function replaced(rules, found, before, after) {
  const start = found.index + found[0].indexOf(before);
  const content = rules.slice(0, start) + after + rules.slice(start + before.length);
  const line = rules.slice(0, found.index).split("\n").length;
  const block = [...rules.slice(0, found.index).matchAll(/match \/([a-z]+)\//g)].at(-1);
  return { name: `line ${line}: ${shown(before)} -> ${shown(after)}`, near: block?.[1] ?? "", content };
}

const shown = (code) => code.replace(/\s+/g, " ").trim();
