# Who reaches whom: browsers the balancer, the balancer the gateways, nodes each other.

resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "The balancer of the gateways"
  vpc_id      = var.vpc
}

resource "aws_security_group" "node" {
  name        = "${var.name}-node"
  description = "The nodes"
  vpc_id      = var.vpc
}

locals {
  # Port, by what is reached there.
  ingress = {
    gateway = { to = aws_security_group.node.id, from = aws_security_group.balancer.id, port = 8080 }
    peers   = { to = aws_security_group.node.id, from = aws_security_group.node.id, port = 7000 }
  }
}

resource "aws_vpc_security_group_ingress_rule" "inside" {
  for_each                     = local.ingress
  security_group_id            = each.value.to
  referenced_security_group_id = each.value.from
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "outside" {
  for_each          = toset(["80", "443"])
  security_group_id = aws_security_group.balancer.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)
}

resource "aws_vpc_security_group_egress_rule" "out" {
  for_each          = { node = aws_security_group.node.id, balancer = aws_security_group.balancer.id }
  security_group_id = each.value
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_lb" "gateway" {
  name            = var.name
  security_groups = [aws_security_group.balancer.id]
  subnets         = var.public_subnets
  # Streams of events say something every 15 seconds.
  idle_timeout               = 60
  drop_invalid_header_fields = true
}

# Any node serves any request, so no client is bound to one.
resource "aws_lb_target_group" "gateway" {
  name        = var.name
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = var.vpc
  # What is under way ends within it.
  deregistration_delay = 15

  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 5
    timeout             = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.gateway.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}

resource "aws_lb_listener" "clear" {
  load_balancer_arn = aws_lb.gateway.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
