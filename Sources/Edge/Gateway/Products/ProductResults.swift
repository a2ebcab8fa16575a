import Commerce

/// What became of each product of a batch, in the order of the request.
struct ProductResults {
    private var results: [Outcome] = []

    private enum Outcome {
        case created(ProductID)
        case refused(Problem)
    }

    mutating func add(_ created: ProductID) { results.append(.created(created)) }
    mutating func add(_ refused: Problem) { results.append(.refused(refused)) }

    /// The answer; where its whole text is too large to be kept, the status and the code of each are.
    var answer: IdempotentAnswer {
        var answer = IdempotentAnswer(status: .ok, json: json { json, problem in
            json.raw(problem.document(requestID: nil))
        })
        answer.summary = json { json, problem in json.object { $0.field("code", problem.code.rawValue) } }.bytes
        return answer
    }

    private func json(_ write: (inout JSONWriter, Problem) -> Void) -> JSONWriter {
        var json = JSONWriter(capacity: 64 + 80 * results.count)
        json.object { json in
            json.array("results") { json in
                for result in results {
                    json.object { json in
                        switch result {
                        case .created(let id):
                            json.field("status", 201)
                            json.field("id", id)
                        case .refused(let problem):
                            json.field("status", problem.code.status.code)
                            json.key("problem")
                            write(&json, problem)
                        }
                    }
                }
            }
        }
        return json
    }
}
