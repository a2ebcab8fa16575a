# Where the nodes find their secrets. What is in them never passes through here: tools/deploy/put-secrets puts it there.

resource "aws_secretsmanager_secret" "shop" {
  name        = "${var.name}/shop"
  description = "What all nodes share: cluster-secret, payment-key, admin-password, authority."
}

resource "aws_secretsmanager_secret" "node" {
  for_each    = local.nodes
  name        = "${var.name}/node-${each.key}"
  description = "A node's own: certificate, key."
}
