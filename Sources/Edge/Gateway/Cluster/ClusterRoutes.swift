import Hummingbird

extension GatewayRoutes {
    /// Adds `GET /api/v1/cluster`.
    ///
    /// - Parameter policy: for administrators, or on a listener of the operators' own for every caller.
    public func addCluster(_ board: ClusterBoard, _ policy: RoutePolicy = .admin) {
        get("/api/v1/cluster", policy) { _, _ in
            var json = JSONWriter()
            json.value(board.status)
            return Response(json: json)
        }
    }
}
