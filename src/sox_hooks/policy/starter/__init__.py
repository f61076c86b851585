"""The small, real policy that `sox-hooks init` writes: templates, and what fills them in."""
