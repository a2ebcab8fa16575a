import Gateway
import ServiceLifecycle

/// Writes the node's metrics for Amazon CloudWatch, as long as the node runs and once more when it ends.
struct CloudWatchService: Service {
    private let metrics: EmbeddedMetrics
    private let period: Duration
    private let sink: LineSink

    /// - Parameter sink: of lines that the cloud's log takes.
    init(_ settings: NodeConfiguration.CloudWatchSettings, of assembly: GatewayAssembly, sink: LineSink) {
        metrics = EmbeddedMetrics(
            assembly.metrics, namespace: settings.namespace, dimensions: assembly.dimensions,
            metrics: EmbeddedMetric.ofNode)
        period = settings.period
        self.sink = sink
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var metrics = metrics
            while !Task.isCancelled {
                try? await Task.sleep(for: period)
                for line in metrics.lines(at: Engine.now()) { sink.append(line) }
            }
        }
        sink.flush()
    }
}
