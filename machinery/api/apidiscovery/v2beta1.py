"""The older version of aggregated discovery, with the very fields of `apidiscovery/v2`."""

from machinery.api.apidiscovery import v2
from machinery.api.model import field


class APIGroupDiscovery(v2.APIGroupDiscovery):
    """See v2."""

    api_version: str = field(None, "apidiscovery.k8s.io/v2beta1", required=True)


class APIGroupDiscoveryList(v2.APIGroupDiscoveryList):
    """See v2."""

    api_version: str = field(None, "apidiscovery.k8s.io/v2beta1", required=True)
