"""What runs containers, behind one small Protocol (interface.py).

cri/ speaks to containerd or CRI-O, docker/ to a Docker Engine; hollow.py is a real fake that runs nothing. Nothing
outside this package knows a runtime's words.
"""
