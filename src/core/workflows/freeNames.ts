import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { childrenOf } from './analysisLiterals.ts';
import { BUILTIN_NAMES } from './builtinNames.ts';

/** Where a name is bound: the code itself, a function, a lambda, a class or a comprehension. */
interface Scope {
  readonly names: Set<string>;
  readonly parent: Scope | undefined;
}

/**
 * The names that code reads and does not bind itself, before it reads them, in the order in which it does: what it takes from
 * the session that it was written in. Python's built-in names are none of them.
 */
export function freeNames(code: string): string[] {
  return new NameReader(code).read();
}

/** Goes through code in the order in which Python does; the bodies of functions come last, when all names are known. */
class NameReader {
  readonly #code: string;
  readonly #free = new Set<string>();
  #deferred: (() => void)[] = [];

  constructor(code: string) {
    this.#code = code;
  }

  read(): string[] {
    this.#visit(parser.parse(this.#code).topNode, { names: new Set(), parent: undefined });
    while (this.#deferred.length > 0) {
      const bodies = this.#deferred;
      this.#deferred = [];
      for (const body of bodies) body();
    }
    return [...this.#free];
  }

  /** How the parts of a node are read that do more than to be read one after the other. */
  readonly #readers: Readonly<Record<string, (children: readonly SyntaxNode[], scope: Scope) => void>> = {
    AssignStatement: this.#assignment,
    UpdateStatement: this.#update,
    NamedExpression: this.#walrus,
    ForStatement: this.#loop,
    ArrayComprehensionExpression: this.#comprehension,
    SetComprehensionExpression: this.#comprehension,
    DictionaryComprehensionExpression: this.#comprehension,
    ComprehensionExpression: this.#comprehension,
    WithStatement: this.#binding,
    TryStatement: this.#binding,
    AsPattern: this.#binding,
    ImportStatement: this.#import,
    FunctionDefinition: this.#function,
    LambdaExpression: this.#function,
    ClassDefinition: this.#class,
    ArgList: this.#arguments,
    KeywordPattern: this.#keywordPattern,
    CapturePattern: this.#bindAll,
    TypeParam: this.#bindAll,
    TypeDefinition: this.#walrus,
    ScopeStatement: () => undefined,
  };

  #visit(node: SyntaxNode, scope: Scope): void {
    const read = this.#readers[node.name];
    if (read) read.call(this, childrenOf(node), scope);
    else if (node.name === 'VariableName') this.#use(node, scope);
    else this.#visitAll(childrenOf(node), scope);
  }

  #visitAll(nodes: readonly SyntaxNode[], scope: Scope): void {
    for (const node of nodes) this.#visit(node, scope);
  }

  #use(node: SyntaxNode, scope: Scope): void {
    const name = this.#text(node);
    if (BUILTIN_NAMES.has(name) || /^__.*__$/u.test(name)) return;
    for (let at: Scope | undefined = scope; at; at = at.parent) if (at.names.has(name)) return;
    this.#free.add(name);
  }

  #assignment(children: readonly SyntaxNode[], scope: Scope): void {
    const last = children.findLastIndex(({ name }) => name === 'AssignOp');
    const targets = last < 0 ? children : children.slice(0, last);
    this.#visitAll(children.slice(targets.length), scope);
    this.#bindAll(targets, scope);
  }

  /** `x += 1` reads `x` before it binds it. */
  #update([target, ...rest]: readonly SyntaxNode[], scope: Scope): void {
    this.#visitAll(rest, scope);
    if (!target) return;
    this.#visit(target, scope);
    this.#bind(target, scope);
  }

  /** `x := 1`, `type X = int`. */
  #walrus(children: readonly SyntaxNode[], scope: Scope): void {
    const target = children.find(({ name }) => name === 'VariableName');
    this.#visitAll(
      children.filter((child) => child !== target),
      scope,
    );
    if (target) this.#bind(target, scope);
  }

  #loop(children: readonly SyntaxNode[], scope: Scope): void {
    const start = children.findIndex(({ name }) => name === 'for');
    const middle = children.findIndex(({ name }) => name === 'in');
    const body = children.findIndex(({ name }) => name === 'Body');
    if (middle < 0 || body < 0) return;
    this.#visitAll(children.slice(middle, body), scope);
    this.#bindAll(children.slice(start, middle), scope);
    this.#visitAll(children.slice(body), scope);
  }

  /** Its `for` and `if` come first, whatever stands in front of them. */
  #comprehension(children: readonly SyntaxNode[], outer: Scope): void {
    const scope: Scope = { names: new Set(), parent: outer };
    const first = children.findIndex(({ name }) => name === 'for');
    if (first < 0) return;
    let targets: SyntaxNode[] | undefined;
    let bound: SyntaxNode[] = [];
    for (const child of children.slice(first)) {
      if (child.name === 'for') targets = [];
      else if (child.name === 'in' && targets) {
        bound = targets;
        targets = undefined;
      } else if (targets) targets.push(child);
      else {
        this.#visit(child, scope);
        this.#bindAll(bound, scope);
        bound = [];
      }
    }
    this.#visitAll(children.slice(0, first), scope);
  }

  /** `with a as b`, `except E as e`, `case [x] as y`: what follows `as` is bound. */
  #binding(children: readonly SyntaxNode[], scope: Scope): void {
    for (const [index, child] of children.entries()) {
      if (children[index - 1]?.name === 'as') this.#bind(child, scope);
      else this.#visit(child, scope);
    }
  }

  #import(children: readonly SyntaxNode[], scope: Scope): void {
    const from = children[0]?.name === 'from';
    const names = from ? children.slice(children.findIndex(({ name }) => name === 'import')) : children;
    for (const [index, child] of names.entries()) {
      const isName = child.name === 'VariableName';
      // `import a.b` binds `a`, `import a.b as c` binds `c`: the name of another module does no harm.
      if (isName && names[index - 1]?.name !== '.') scope.names.add(this.#text(child));
    }
  }

  #function(children: readonly SyntaxNode[], outer: Scope): void {
    const scope: Scope = { names: new Set(), parent: outer };
    const name = children.find((child) => child.name === 'VariableName');
    const isNamed = children.some((child) => child.name === 'def');
    if (isNamed && name) this.#bind(name, outer);
    const rest: SyntaxNode[] = [];
    for (const child of children) {
      if (child.name === 'TypeParamList') this.#bindAll(childrenOf(child), scope);
      else if (child.name === 'ParamList') this.#parameters(childrenOf(child), scope, outer);
      else if (child.name === 'TypeDef') this.#visit(child, scope);
      else if (!isNamed || child !== name) rest.push(child);
    }
    this.#deferred.push(() => {
      this.#visitAll(rest, scope);
    });
  }

  #parameters(children: readonly SyntaxNode[], scope: Scope, outer: Scope): void {
    for (const [index, child] of children.entries()) {
      const isDefault = children[index - 1]?.name === 'AssignOp';
      if (child.name === 'VariableName' && !isDefault) this.#bind(child, scope);
      else this.#visit(child, child.name === 'TypeDef' ? scope : outer);
    }
  }

  #class(children: readonly SyntaxNode[], outer: Scope): void {
    const name = children.find((child) => child.name === 'VariableName');
    const scope: Scope = { names: new Set(), parent: outer };
    for (const child of children) {
      if (child.name === 'Body') this.#visit(child, scope);
      else if (child !== name) this.#visit(child, outer);
    }
    if (name) this.#bind(name, outer);
  }

  /** In `f(name=value)` the name is the function's; in `f(name := value)` it is bound. */
  #arguments(children: readonly SyntaxNode[], scope: Scope): void {
    if (children.some(({ name }) => name === 'for')) {
      this.#comprehension(children, scope);
      return;
    }
    for (const [index, child] of children.entries()) {
      const next = children[index + 1];
      if (next?.name !== 'AssignOp') this.#visit(child, scope);
      else if (this.#text(next) === ':=') this.#bind(child, scope);
    }
  }

  /** `case P(name=pattern)`: the name is the class's. */
  #keywordPattern([, ...pattern]: readonly SyntaxNode[], scope: Scope): void {
    this.#visitAll(pattern, scope);
  }

  #bindAll(nodes: readonly SyntaxNode[], scope: Scope): void {
    for (const node of nodes) this.#bind(node, scope);
  }

  /** Binds what is assigned to; in `a.b[c] = 1` only names are read. */
  #bind(node: SyntaxNode, scope: Scope): void {
    if (node.name === 'VariableName') scope.names.add(this.#text(node));
    else if (node.name === 'MemberExpression' || node.name === 'TypeDef') this.#visit(node, scope);
    else this.#bindAll(childrenOf(node), scope);
  }

  #text(node: SyntaxNode): string {
    return this.#code.slice(node.from, node.to);
  }
}
