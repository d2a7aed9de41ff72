/** Section 1.1 of the benchmark: files of the control plane. */
import { join } from 'node:path';
import { storeFoldersOf } from '../../main/index.ts';
import { type Control, without } from './control.ts';
import type { ExaminedCluster } from './examined-cluster.ts';

const noManifests = without('there are no static pods: one process is API server, controllers, scheduler and store');
const noPlugIn = without('the node agent makes the networks itself; no CNI plug-in is configured');
const noConfig = without('scheduler and controllers act within the member and have no kubeconfig');

const dataFolders = ({ home }: ExaminedCluster): readonly string[] => storeFoldersOf(home).map(({ folder }) => folder);
const certificates = (cluster: ExaminedCluster): readonly string[] => cluster.filesOf(cluster.home.pki, /\.crt$/);
const secretKeys = (cluster: ExaminedCluster): readonly string[] => cluster.filesOf(cluster.home.pki, /\.key$|\.json$/);

export const controlPlaneFiles: readonly Control[] = [
  { id: '1.1.1', title: "Only root changes the API server's pod manifest", check: noManifests },
  { id: '1.1.2', title: "Root owns the API server's pod manifest", check: noManifests },
  { id: '1.1.3', title: "Only root changes the controller manager's pod manifest", check: noManifests },
  { id: '1.1.4', title: "Root owns the controller manager's pod manifest", check: noManifests },
  { id: '1.1.5', title: "Only root changes the scheduler's pod manifest", check: noManifests },
  { id: '1.1.6', title: "Root owns the scheduler's pod manifest", check: noManifests },
  { id: '1.1.7', title: "Only root changes etcd's pod manifest", check: noManifests },
  { id: '1.1.8', title: "Root owns etcd's pod manifest", check: noManifests },
  { id: '1.1.9', title: 'Only root changes the network plug-in configuration', check: noPlugIn },
  { id: '1.1.10', title: 'Root owns the network plug-in configuration', check: noPlugIn },
  {
    id: '1.1.11',
    title: 'Only the owner enters the folder of the store',
    check: (cluster) => cluster.privateFiles(dataFolders(cluster)),
  },
  {
    id: '1.1.12',
    title: "The folder of the store belongs to etcd's user",
    check: without('there is no etcd and no user for it; the store belongs to root (1.1.11)'),
  },
  {
    id: '1.1.13',
    title: "Only the owner reads the administrator's credentials",
    check: (cluster) => cluster.privateFiles([cluster.home.kubeconfig, cluster.home.natsFile]),
  },
  {
    id: '1.1.14',
    title: "Root owns the administrator's credentials",
    check: (cluster) => cluster.ownedByRoot([cluster.home.kubeconfig, cluster.home.natsFile]),
  },
  { id: '1.1.15', title: "Only root changes the scheduler's kubeconfig", check: noConfig },
  { id: '1.1.16', title: "Root owns the scheduler's kubeconfig", check: noConfig },
  { id: '1.1.17', title: "Only root changes the controller manager's kubeconfig", check: noConfig },
  { id: '1.1.18', title: "Root owns the controller manager's kubeconfig", check: noConfig },
  {
    id: '1.1.19',
    title: 'Root owns the keys and certificates',
    check: (cluster) => cluster.ownedByRoot([cluster.home.pki, ...certificates(cluster), ...secretKeys(cluster)]),
  },
  {
    id: '1.1.20',
    title: 'Only the owner changes certificates',
    check: (cluster) => cluster.privateFiles(certificates(cluster)),
  },
  {
    id: '1.1.21',
    title: 'Only the owner reads private keys',
    check: (cluster) => cluster.privateFiles([join(cluster.home.pki), ...secretKeys(cluster)]),
  },
];
