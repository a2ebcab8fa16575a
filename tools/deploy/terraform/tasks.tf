# A service for each node, whose one task runs on the machine with the node's volume and is found by the node's name.

locals {
  domain  = "${var.name}.internal"
  members = [for node in keys(local.nodes) : "${node}=node-${node}.${local.domain}:7000"]
  proxies = [for subnet in data.aws_subnet.public : subnet.cidr_block]
  # As nodes write it.
  cluster = replace(lower(var.cluster_id), "/^0+/", "")
  shared  = "secretsmanager:${aws_secretsmanager_secret.shop.name}"
  settings = {
    CLOUDRETAIL_DATA_DIR                          = "/var/lib/cloudretail/node"
    CLOUDRETAIL_HTTP                              = "0.0.0.0:8080"
    CLOUDRETAIL_METRICS                           = "0.0.0.0:9100"
    CLOUDRETAIL_TRUSTED_PROXIES                   = join(",", local.proxies)
    CLOUDRETAIL_PAYMENT_URL                       = var.payment_url
    CLOUDRETAIL_PAYMENT_KEY_FILE                  = "${local.shared}#payment-key"
    CLOUDRETAIL_EVENT_BUS                         = aws_cloudwatch_event_bus.shop.name
    CLOUDRETAIL_CLOUDWATCH_NAMESPACE              = var.name
    CLOUDRETAIL_CLUSTER_ID                        = var.cluster_id
    CLOUDRETAIL_CLUSTER_MEMBERS                   = join(",", local.members)
    CLOUDRETAIL_CLUSTER_LISTEN                    = "0.0.0.0:7000"
    CLOUDRETAIL_CLUSTER_AUTHORITY                 = "${local.shared}#authority"
    CLOUDRETAIL_CLUSTER_SECRET_FILE               = "${local.shared}#cluster-secret"
    CLOUDRETAIL_FIRST_ADMINISTRATOR               = var.administrator
    CLOUDRETAIL_FIRST_ADMINISTRATOR_PASSWORD_FILE = "${local.shared}#admin-password"
    AWS_REGION                                    = var.region
  }
  own = { for node in keys(local.nodes) : node => {
    CLOUDRETAIL_NODE_ID             = node
    CLOUDRETAIL_CLUSTER_CERTIFICATE = "secretsmanager:${aws_secretsmanager_secret.node[node].name}#certificate"
    CLOUDRETAIL_CLUSTER_KEY         = "secretsmanager:${aws_secretsmanager_secret.node[node].name}#key"
  } }
}

data "aws_subnet" "public" {
  for_each = toset(var.public_subnets)
  id       = each.value
}

resource "aws_ecs_cluster" "shop" {
  name = var.name
}

resource "aws_service_discovery_private_dns_namespace" "shop" {
  name = local.domain
  vpc  = var.vpc
}

resource "aws_service_discovery_service" "node" {
  for_each = local.nodes
  name     = "node-${each.key}"
  dns_config {
    namespace_id = aws_service_discovery_private_dns_namespace.shop.id
    dns_records {
      type = "A"
      ttl  = 5
    }
  }
}

resource "aws_cloudwatch_log_group" "shop" {
  name              = "/${var.name}/nodes"
  retention_in_days = 30
}

# What starts tasks: it takes the image and writes the log, and reads no secret.
resource "aws_iam_role" "starter" {
  name               = "${var.name}-starter"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "starter" {
  role       = aws_iam_role.starter.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "node" {
  for_each                 = local.nodes
  family                   = "${var.name}-node-${each.key}"
  requires_compatibilities = ["EC2"]
  network_mode             = "awsvpc"
  task_role_arn            = aws_iam_role.node[each.key].arn
  execution_role_arn       = aws_iam_role.starter.arn

  volume {
    name      = "data"
    host_path = "/var/lib/cloudretail"
  }

  container_definitions = jsonencode([{
    name                   = "node"
    image                  = var.image
    essential              = true
    command                = ["serve"]
    memory                 = var.memory_mib
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    # SIGTERM hands leadership over and answers what is under way; a node ends within 15 s.
    stopTimeout     = 60
    linuxParameters = { capabilities = { drop = ["ALL"] } }
    ulimits         = [{ name = "nofile", softLimit = 16384, hardLimit = 16384 }]
    environment     = [for name, value in merge(local.settings, local.own[each.key]) : { name = name, value = value }]
    portMappings    = [for port in [8080, 7000] : { containerPort = port, hostPort = port, protocol = "tcp" }]
    mountPoints     = [{ sourceVolume = "data", containerPath = "/var/lib/cloudretail", readOnly = false }]
    healthCheck = {
      command     = ["CMD", "curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/livez"]
      interval    = 10
      timeout     = 5
      retries     = 6
      startPeriod = 300
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.shop.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "node-${each.key}"
      }
    }
  }])
}

resource "aws_ecs_service" "node" {
  for_each        = local.nodes
  name            = "node-${each.key}"
  cluster         = aws_ecs_cluster.shop.id
  task_definition = aws_ecs_task_definition.node[each.key].arn
  launch_type     = "EC2"
  desired_count   = 1
  # A volume has one node: the task in place stops before the next one starts.
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  # A node replays its log before it is ready.
  health_check_grace_period_seconds = 600

  placement_constraints {
    type       = "memberOf"
    expression = "attribute:node == ${each.key}"
  }

  network_configuration {
    subnets         = [each.value]
    security_groups = [aws_security_group.node.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.gateway.arn
    container_name   = "node"
    container_port   = 8080
  }

  service_registries {
    registry_arn = aws_service_discovery_service.node[each.key].arn
  }

  depends_on = [aws_lb_listener.tls, aws_volume_attachment.node]
}
