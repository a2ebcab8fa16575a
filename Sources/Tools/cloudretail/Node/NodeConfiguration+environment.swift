extension NodeConfiguration {
    /// Variables that are named as settings are, and are none: misspelt, or of another version of the program.
    static func unknownVariables(of environment: [String: String]) -> [String] {
        let known = Set(table.map(\.variable))
        return environment.keys.filter { $0.hasPrefix("CLOUDRETAIL_") && !known.contains($0) }.sorted()
    }
}
