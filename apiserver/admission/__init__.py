"""Admission: what may enter, decided by an ordered list of small plugins after a request is allowed and defaulted.

The list is `chain.PLUGINS`. Each plugin is one file. Real Kubernetes: plugin/pkg/admission.
"""
