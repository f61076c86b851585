"""Amp: a plug-in, which runs inside its process. From ampcode.com/manual/plugin-api; not measured, because its models
are only reached through its own server. The first line is what Amp asks of every plug-in."""

from __future__ import annotations

from sox_hooks.agents.adapter import FILES, Adapter, OwnFile
from sox_hooks.agents.verdict import WORDS

_PLUGIN = """\
// @i-know-the-amp-plugin-api-is-wip-and-very-experimental-right-now
// sox-hooks: made by `sox-hooks agents install`, removed by `sox-hooks agents uninstall`. Do not edit.
import { spawnSync } from "node:child_process"

const argv = @@ARGV@@
const calls = new Map()

function folder(amp) {
  try {
    return amp.helpers.filePathFromURI(amp.system.workspaceRoot)
  } catch {
    return process.cwd()
  }
}

function ask(phase, call, cwd) {
  return spawnSync(argv[0], [...argv.slice(1), phase], {
    input: JSON.stringify({ ...call, cwd }),
    encoding: "utf8",
    timeout: 20000,
    cwd,
  })
}

export default function (amp) {
  amp.on("tool.call", async (event) => {
    const call = {
      session_id: event.thread && event.thread.id,
      tool_use_id: event.toolUseID,
      tool_name: event.tool,
      tool_input: event.input,
    }
    const done = ask("before", call, folder(amp))
    if (done.status === 0) {
      calls.set(event.toolUseID, call)
      return { action: "allow" }
    }
    // Whatever we cannot ask, we do not allow.
    const message = done.status === 2 && done.stderr ? done.stderr : `sox-hooks did not answer: ${argv[0]}`
    return { action: "reject-and-continue", message }
  })
  amp.on("tool.result", async (event) => {
    const call = calls.get(event.toolUseID)
    calls.delete(event.toolUseID)
    // A command that failed may have written before it did; what was cancelled may have, too.
    if (call) ask("after", call, folder(amp))
  })
}
"""

ADAPTER = Adapter(
    id="amp",
    name="Amp",
    shape=FILES,
    project=".amp/plugins",
    user=".config/amp/plugins",
    before=("tool.call",),
    after=("tool.result",),
    form=WORDS,
    files=(OwnFile("sox-hooks.ts", _PLUGIN),),
    boundary="refuses edits as documented, and fails closed if sox-hooks cannot be asked; not measured",
    remarks=(
        "only the command line program loads plug-ins, not Amp's extensions of editors; older ones need PLUGINS=all",
    ),
)
