/** The Table columns of a custom resource (additionalPrinterColumns). */

import { type PrinterColumn, valuesAt } from '../custom-schema/index.ts';
import { ageText } from '../machinery/index.ts';
import type { KindBehaviour, TableCell, TableColumn } from '../kinds/index.ts';
import type { KubeObject } from '../object.ts';

const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name, unique in its namespace or, without one, in the cluster.',
  priority: 0,
};
const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'When the object was made, RFC 3339, in UTC.',
};

/** The Table of a custom kind: its name, then the columns that its definition names, or its age. */
export function printerTable(
  printerColumns: readonly PrinterColumn[] | undefined,
): Pick<KindBehaviour, 'columns' | 'row'> {
  const own = printerColumns === undefined || printerColumns.length === 0 ? [age] : printerColumns;
  return {
    columns: [nameColumn, ...own.map(columnOf)],
    row: (object, now) => [object.metadata.name ?? '', ...own.map((column) => cellOf(object, column, now))],
  };
}

function columnOf({
  name = '',
  type = '',
  format = '',
  description,
  priority = 0,
  jsonPath = '',
}: PrinterColumn): TableColumn {
  const told =
    description === undefined || description === ''
      ? `Custom resource definition column (in JSONPath format): ${jsonPath}`
      : description;
  return { name, type: type as TableColumn['type'], format, description: told, priority };
}

function cellOf(object: KubeObject, { type, jsonPath = '' }: PrinterColumn, now: number): TableCell {
  const value = valuesAt(object, jsonPath)[0];
  if (value === undefined || (value === null && type !== 'string')) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageCell(value, now) : null;
    default:
      return textOf(value);
  }
}

function ageCell(time: string, now: number): string {
  return Number.isNaN(Date.parse(time)) ? '<invalid>' : ageText(time, now);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null ? '<nil>' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
