"""What the adapters of push platforms share: those that are sent to, and that tell what people do.

Of what comes in: `quoting` and `text_files` (how words and files from outside are shown),
`downloads`. Of what goes out: `composing` (what a text becomes), `labels`, `places` (what is known
of where), `previews` (at what pace answers are shown in the making), `growing` (half-written
Markdown), `open_previews` (which messages are previews still), `publishing` (menus, when they have
changed). For both: `alongside`, `backoff`, `health`, `latest`, `timing`. No platform is known
here.
"""
