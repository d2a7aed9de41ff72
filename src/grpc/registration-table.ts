/** The service by which a plug-in of a node makes itself known, in the form that schema.ts reads. */

export const registrationTable = `
package pluginregistration

service Registration
  GetInfo InfoRequest PluginInfo
  NotifyRegistrationStatus RegistrationStatus RegistrationStatusResponse

message InfoRequest

message PluginInfo
  type:1:s
  name:2:s
  endpoint:3:s
  supported_versions:4:[]s

message RegistrationStatus
  plugin_registered:1:b
  error:2:s

message RegistrationStatusResponse
`;
