/// Gathers rows into invoices and products.
struct OrderHistoryBuilder {
    private struct Sightings {
        var titles = Frequencies<String>()
        var prices = Frequencies<Int64>()
    }

    private var history = OrderHistory()
    private var positions: [String: Int] = [:]
    private var cancelled: Set<String> = []
    private var customers: Set<String> = []
    private var skus: [String] = []
    private var sightings: [String: Sightings] = [:]

    mutating func take(_ record: CSVRecord, columns: CSVColumns) {
        history.rows += 1
        switch record {
        case .malformed(let row, let fault):
            history.rejections.append(RowRejection(row: row, reason: "\(fault)"))
        case .row(let row):
            do {
                try take(HistoryRow(row, columns: columns))
            } catch {
                history.rejections.append(RowRejection(row: row.number, reason: "\(error)"))
            }
        }
    }

    private mutating func take(_ row: HistoryRow) throws(HistoryRow.Fault) {
        switch row.kind {
        case .sale: try takeSale(row)
        case .cancellation: try takeCancellation(row)
        }
        if let customer = row.customer { customers.insert(customer) }
        if sightings[row.line.sku] == nil { skus.append(row.line.sku) }
        sightings[row.line.sku, default: Sightings()].titles.add(row.title, unless: row.title.isEmpty)
        sightings[row.line.sku, default: Sightings()].prices.add(row.line.unitPrice, unless: row.line.unitPrice == 0)
    }

    private mutating func takeSale(_ row: HistoryRow) throws(HistoryRow.Fault) {
        guard let position = positions[row.invoice] else {
            positions[row.invoice] = history.sales.count
            history.sales.append(
                Invoice(
                    number: row.invoice, customer: row.customer, lines: [row.line],
                    value: row.value, units: row.line.quantity))
            return
        }
        guard history.sales[position].customer == row.customer else { throw .anotherCustomer(invoice: row.invoice) }
        let value = history.sales[position].value.addingReportingOverflow(row.value)
        let units = history.sales[position].units.addingReportingOverflow(row.line.quantity)
        guard !value.overflow, !units.overflow else { throw .outOfRange }
        history.sales[position].value = value.partialValue
        history.sales[position].units = units.partialValue
        history.sales[position].lines.append(row.line)
    }

    private mutating func takeCancellation(_ row: HistoryRow) throws(HistoryRow.Fault) {
        let value = history.cancellationValue.addingReportingOverflow(row.value)
        guard !value.overflow else { throw .outOfRange }
        history.cancellationValue = value.partialValue
        history.cancellationRows += 1
        cancelled.insert(row.invoice)
    }

    consuming func history(digest: String) -> OrderHistory {
        history.cancellations = cancelled.count
        history.customers = customers.count
        history.digest = digest
        history.products = skus.map { sku in
            let seen = sightings[sku, default: Sightings()]
            return HistoryProduct(sku: sku, title: seen.titles.winner ?? sku, price: seen.prices.winner ?? 0)
        }
        return history
    }
}

/// Counts values; the most frequent wins, among equals the first seen.
private struct Frequencies<Value: Hashable> {
    private var counts: [Value: Int] = [:]
    private var order: [Value] = []

    mutating func add(_ value: Value, unless isWorthless: Bool) {
        guard !isWorthless else { return }
        if counts.updateValue(counts[value, default: 0] + 1, forKey: value) == nil { order.append(value) }
    }

    var winner: Value? {
        var winner: Value?
        for value in order where winner.map({ counts[value, default: 0] > counts[$0, default: 0] }) ?? true {
            winner = value
        }
        return winner
    }
}
