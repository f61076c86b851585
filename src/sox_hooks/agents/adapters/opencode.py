"""OpenCode: a plug-in, which runs inside its process. Measured with 1.18.33."""

from __future__ import annotations

from sox_hooks.agents.adapter import FILES, Adapter, OwnFile
from sox_hooks.agents.verdict import WORDS

_PLUGIN = """\
// sox-hooks: made by `sox-hooks agents install`, removed by `sox-hooks agents uninstall`. Do not edit.
import { spawnSync } from "node:child_process"

const argv = @@ARGV@@
const quiet = new Set(["todowrite", "todoread", "webfetch", "task"])
const reading = new Set(["read", "glob", "grep", "list"])
const models = new Map()

function ask(phase, input, args, directory) {
  const payload = {
    session_id: input.sessionID,
    tool_use_id: input.callID,
    model: models.get(input.sessionID),
    tool_name: input.tool,
    tool_input: args,
    cwd: directory,
  }
  return spawnSync(argv[0], [...argv.slice(1), phase], {
    input: JSON.stringify(payload),
    encoding: "utf8",
    timeout: 20000,
    cwd: directory,
  })
}

export const SoxHooks = async ({ directory }) => ({
  "chat.params": async (input) => {
    if (input && input.model && input.model.id) models.set(input.sessionID, input.model.id)
  },
  "tool.execute.before": async (input, output) => {
    if (quiet.has(input.tool)) return
    const done = ask("before", input, output.args, directory)
    if (done.status === 0) return
    // Only an exception stops the tool; whatever we cannot ask, we do not allow.
    throw new Error(done.status === 2 && done.stderr ? done.stderr : `sox-hooks did not answer: ${argv[0]}`)
  },
  "tool.execute.after": async (input) => {
    if (!quiet.has(input.tool) && !reading.has(input.tool)) ask("after", input, input.args, directory)
  },
})
"""

ADAPTER = Adapter(
    id="opencode",
    name="OpenCode",
    shape=FILES,
    project=".opencode/plugins",
    user=".config/opencode/plugins",
    before=("tool.execute.before",),
    after=("tool.execute.after",),
    form=WORDS,
    files=(OwnFile("sox-hooks.js", _PLUGIN),),
    boundary="refuses edits, and fails closed if sox-hooks cannot be asked",
    remarks=("`opencode --pure` runs without plug-ins",),
)
