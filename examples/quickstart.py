# A first look at Python Code Mode. Run a cell with "Run Cell" above it, or any
# line with "Run Selection or Line" from the context menu or the command palette.
# Everything runs in one live session: what a cell defines, the next one sees.

# %% A value: the last expression is the result
weights = {"apple": 182, "pear": 178, "quince": 230, "plum": 66}
sum(weights.values())

# %% Printed output, as it happens
for fruit, grams in sorted(weights.items(), key=lambda item: -item[1]):
    print(f"{fruit:>7} {'█' * (grams // 10)} {grams} g")

# %% await works without a function around it
import asyncio


async def weigh(fruit):
    await asyncio.sleep(0.1)
    return f"{fruit}: {weights[fruit]} g"


await asyncio.gather(weigh("plum"), weigh("quince"))

# %% Anything that a browser can show
from code_mode.display import HTML, display

rows = "".join(f"<tr><td>{fruit}</td><td>{grams} g</td></tr>" for fruit, grams in weights.items())
display(HTML(f"<table><tr><th>Fruit</th><th>Weight</th></tr>{rows}</table>"))

# %% Tools are programs, servers and HTTP APIs as functions: this one is defined in .code-mode/tools/node.yaml
tools.node.evaluate(code="'Node.js ' + process.version")

# %% The session remembers
f"The heaviest is the {max(weights, key=weights.get)}."
