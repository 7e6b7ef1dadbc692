"""What runs containers, behind one small Protocol (interface.py).

cri/ speaks to containerd or CRI-O; hollow.py is a real fake that runs nothing. Nothing outside this
package knows a runtime's words.
"""
