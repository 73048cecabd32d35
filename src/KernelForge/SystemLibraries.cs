using System.Runtime.InteropServices;

// The system's C library, never a file of its name beside the program.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
