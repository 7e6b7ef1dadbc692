"""Answers in the encodings that clients ask for: documents, lists and the frames of a watch.

What is stored is JSON text, and that is what most clients want; everything else is made from it here.
"""
