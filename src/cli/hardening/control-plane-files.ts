/** Section 1.1 of the benchmark: files of the control plane. */
import { storeFoldersOf } from '../../main/index.ts';
import { type Control, control, ownedByRoot, privateFiles, without } from './control.ts';
import type { ExaminedCluster } from './examined-cluster.ts';

const noManifests = without('there are no static pods: one process is API server, controllers, scheduler and store');
const noPlugIn = without('the node agent makes the networks itself; no CNI plug-in is configured');
const noConfig = without('scheduler and controllers act within the member and have no kubeconfig');

const dataFolders = ({ home }: ExaminedCluster): readonly string[] => storeFoldersOf(home).map(({ folder }) => folder);
const certificates = (cluster: ExaminedCluster): readonly string[] => cluster.filesOf(cluster.home.pki, /\.crt$/);
const secretKeys = (cluster: ExaminedCluster): readonly string[] => cluster.filesOf(cluster.home.pki, /\.key$|\.json$/);

const administratorFiles = ({ home }: ExaminedCluster): readonly string[] => [home.kubeconfig, home.natsFile];
const folderOfKeys = (cluster: ExaminedCluster): readonly string[] => [cluster.home.pki, ...secretKeys(cluster)];
const keysAndCertificates = (cluster: ExaminedCluster): readonly string[] => [
  cluster.home.pki,
  ...certificates(cluster),
  ...secretKeys(cluster),
];

export const controlPlaneFiles: readonly Control[] = [
  control('1.1.1', "Only root changes the API server's pod manifest", noManifests),
  control('1.1.2', "Root owns the API server's pod manifest", noManifests),
  control('1.1.3', "Only root changes the controller manager's pod manifest", noManifests),
  control('1.1.4', "Root owns the controller manager's pod manifest", noManifests),
  control('1.1.5', "Only root changes the scheduler's pod manifest", noManifests),
  control('1.1.6', "Root owns the scheduler's pod manifest", noManifests),
  control('1.1.7', "Only root changes etcd's pod manifest", noManifests),
  control('1.1.8', "Root owns etcd's pod manifest", noManifests),
  control('1.1.9', 'Only root changes the network plug-in configuration', noPlugIn),
  control('1.1.10', 'Root owns the network plug-in configuration', noPlugIn),
  control('1.1.11', 'Only the owner enters the folder of the store', privateFiles(dataFolders)),
  control(
    '1.1.12',
    "The folder of the store belongs to etcd's user",
    without('there is no etcd and no user for it; the store belongs to root (1.1.11)'),
  ),
  control('1.1.13', "Only the owner reads the administrator's credentials", privateFiles(administratorFiles)),
  control('1.1.14', "Root owns the administrator's credentials", ownedByRoot(administratorFiles)),
  control('1.1.15', "Only root changes the scheduler's kubeconfig", noConfig),
  control('1.1.16', "Root owns the scheduler's kubeconfig", noConfig),
  control('1.1.17', "Only root changes the controller manager's kubeconfig", noConfig),
  control('1.1.18', "Root owns the controller manager's kubeconfig", noConfig),
  control('1.1.19', 'Root owns the keys and certificates', ownedByRoot(keysAndCertificates)),
  control('1.1.20', 'Only the owner changes certificates', privateFiles(certificates)),
  control('1.1.21', 'Only the owner reads private keys', privateFiles(folderOfKeys)),
];
