"""Random source code in Python, JavaScript and Java for tests."""

from random import Random

_NAMES = ("total", "items", "load", "rate", "näme", "user_id", "count2", "x")


def _name(random: Random) -> str:
    return random.choice(_NAMES)


def _indented(text: str, by: str = "    ") -> str:
    return "".join(by + line if line.strip() else line for line in text.splitlines(keepends=True))


def python_source(random: Random) -> str:
    """Modules with comments, docstrings, classes, nested and one-line functions, and statements that share a line."""
    head = random.choice(("", "#!/usr/bin/env python\n", '"""Module."""\n', "# coding: utf-8\n'''Doc\n\n  more'''\n"))
    return head + "".join(_python(random, 0) for _ in range(random.randint(1, 6)))


def _python(random: Random, depth: int) -> str:
    name, kind = _name(random), random.randint(0, 9 if depth < 3 else 5)
    simple = (
        f"{name} = {random.randint(0, 99)}  # a comment about {name}\n",
        f"a = 1; {name} = [1,  # one\n    2]\n",
        f"# first\n#second line\n\n{name}()\n",
        f'{name} = """text # no comment\n    more"""\n',
        f"if {name}:  # why\n    # inside\n    pass\nelse:\n    '''no docstring'''\n",
        f"def {name}(a): return a\n" if random.random() < 0.5 else f"def {name}(): 'doc'\n",
    )
    if kind < len(simple):
        return simple[kind]
    inner = "".join(_python(random, depth + 1) for _ in range(random.randint(1, 3)))
    doc = random.choice(("", '"""Say something about it."""\n', "r'''Long\n\nÜber # text\n'''\n", "# note\n'doc'\n"))
    opener = random.choice(
        (f"def {name}(a, b=2):  # head\n", f"@wraps(f)  # d\nasync def {name}():\n", f"class {name}:\n")
    )
    return opener + _indented(doc + inner) + random.choice(("", "\n", "    # at the end\n"))


def javascript_source(random: Random) -> str:
    """Scripts with functions of all kinds, classes, and comments in odd places."""
    return random.choice(("", "#!/usr/bin/env node\n", "'use strict'\n")) + _javascript(random, 0)


def _javascript(random: Random, depth: int) -> str:
    lines = []
    for _ in range(random.randint(1, 4)):
        name, inner = _name(random), _javascript(random, depth + 1) if depth < 3 else "let y = 1 // end\n"
        lines.append(
            random.choice(
                (
                    f"const {name} = {random.randint(0, 9)} /* note */ + 1;\n",
                    "a/**/= b /* two\nlines */ + 'no // comment'\n",
                    f"/** About {name}. */\nfunction {name}(a, b) {{\n{_indented(inner)}}}\n",
                    f"let {name}s = async (x) => {{ // arrow\n{_indented(inner)}}};\n",
                    f"class {name} extends B {{\n  // member\n  get z() {{\n{inner}  }}\n  static q = 1;\n}}\n",
                    f"(function () {{\n{_indented(inner)}}})();\n",
                    f"run(function* {name}() {{ yield 1; }}, x => x + 1); // tail\n",
                )
            )
        )
    return "".join(lines)


def java_source(random: Random) -> str:
    """Files with classes, interfaces, enums, records, constructors and comments."""
    types = "".join(_java_type(random, 0) for _ in range(random.randint(1, 3)))
    return "package a.b;\n\n// imports\nimport java.util.*;\n" + types


def _java_type(random: Random, depth: int) -> str:
    name = _name(random).title().replace("_", "")
    members = [_java_member(random, name) for _ in range(random.randint(0, 4))]
    members += [_indented(_java_type(random, depth + 1)) for _ in range(random.randint(0, 2)) if depth < 2]
    body = "".join(members)
    return random.choice(
        (
            f"/** About {name}. */\nclass {name}<T> extends B {{\n{body}}}\n",
            f"enum {name} {{ A, B /* b */; {body}}}\n",
            f"record {name}(int a) {{\n    {name} {{ check(a); }} // compact\n}}\n",
            f"interface {name} {{ void a(); default int b() {{ return 1; }} }}\n",
        )
    )


def _java_member(random: Random, owner: str) -> str:
    name = _name(random)
    return random.choice(
        (
            f"    private int {name} = 1; // field\n",
            f'    {owner}(int a) {{\n        this(); /* call */\n        b = "// no comment";\n    }}\n',
            f"    /* does */ public int {name}(List<T> a) {{ // head\n        return a.size() /* n */ + 1;\n    }}\n",
            f"    Runnable {name} = () -> {{ go(); }};\n",
        )
    )
