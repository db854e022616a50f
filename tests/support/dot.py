"""DOT, read with pydot."""

from xml.etree import ElementTree as ET

import pydot


def parsed(text: str) -> pydot.Dot:
    graphs = pydot.graph_from_dot_data(text)
    assert graphs is not None
    (graph,) = graphs
    return graph


def texts(label: str) -> str:
    """Return the lines of a label, which must be well-formed."""
    return "\n".join(ET.fromstring(f"<label>{label[1:-1]}</label>").itertext())  # noqa: S314 - we wrote it


def labels(graph: pydot.Dot) -> list[str]:
    """Return the text of every label in a graph and its stacks."""
    found = []
    for cluster in graph.get_subgraphs():
        (attributes,) = cluster.get_graph_defaults()
        found.append(attributes["label"])
        found += [node.get("label") for node in cluster.get_nodes() if node.get_name().startswith("box")]
    found += [edge.get("label") for edge in graph.get_edges() if edge.get("label")]
    return list(map(texts, found))
