export {
  CompactedError, type Compare, type DeleteOperation, type Operation, type PutOperation, type RangeQuery, type RangeResult, type RecordIndex,
  type StoredRecord, type StoreEvent, type Transaction, type TransactionResult,
} from './record.ts';
