"""Volumes: one file per source; `payload` decides what the files hold, `atomic_writer` writes them.

Read in this order: mounter, payload, atomic_writer, empty_dir, host_path.
"""
