"""Access: whether this actor may do this action on this resource."""
