export {
  CompactedError, type Compare, type DeleteOperation, type Operation, type PutOperation, type RangeQuery, type RangeResult, type RecordIndex,
  type StoredRecord, type StoreEvent, type Transaction, type TransactionResult,
} from '../mvcc/index.ts';
export { type Store, StoreError, type StoreStatus, type StoreWatch } from './store.ts';
