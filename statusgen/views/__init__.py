"""What one page shows: the model as one reader sees it, in that reader's language.

A view is a frozen dataclass of strings, times, texts and tuples of such. It holds no `now` and nothing that changes by
itself, so that equal facts make equal views, and a page is rendered anew only when what it shows has changed.
"""
