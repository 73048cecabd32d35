using KernelForge.Sbom;

// Arguments: the file to write, name and version of what is published, the packages that are in it with semicolons between (as name or name/version), then the lock files of
// all projects that take part in its build.
var (output, name, version) = (args[0], args[1], args[2]);
var shipped = args[3].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
var packages = LockedPackage.ReadAll(args[4..]);
File.WriteAllBytes(output, BillOfMaterials.Write(name, version, shipped, packages));
