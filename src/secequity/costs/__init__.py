"""What it costs a service to reach a neighbourhood: `from_id` (facility), `to_id` (neighbourhood), `cost`.

The direction is that of the service, which travels to the resident: uphill for the one is downhill for the other. A
pair that is not in the table cannot be reached. The unit, `m` or `min`, is in `attrs["unit"]`.
"""

from secequity.costs.pairs import from_table
from secequity.costs.straight import demand_points, straight_line
from secequity.costs.walking import walking, walking_minutes

__all__ = ["demand_points", "from_table", "straight_line", "walking", "walking_minutes"]
