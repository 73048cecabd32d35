using System.Reflection;

// Arguments: an assembly that was built for any processor, then its own arguments.
var main = Assembly.LoadFrom(args[0]).EntryPoint!;
return main.Invoke(null, [args[1..]]) is int code ? code : 0;
