using Lava.Build.Platform;

namespace Lava.Build.Tests.Shells;

/// <summary>Builds small native files, where there is a C compiler.</summary>
internal static class Compiler
{
    internal static Task SharedAsync(string file, string soname, string source, params string[] libraries) =>
        CompileAsync(source, ["-shared", "-fPIC", $"-Wl,-soname,{soname}", "-o", file], libraries);

    internal static Task ProgramAsync(string file, string source, params string[] libraries) =>
        CompileAsync(source, ["-o", file], libraries);

    private static async Task CompileAsync(string source, string[] arguments, string[] libraries)
    {
        if (HostEnvironment.OfThisProcess().FindProgram("cc") is not { } compiler)
        {
            Assert.Inconclusive("cc is not on PATH; this test builds small libraries with it.");
            return;
        }

        using TemporaryDirectory directory = new();
        string file = Path.Combine(directory.Path, "source.c");
        await File.WriteAllTextAsync(file, source);
        await Run.OutputAsync(compiler, [.. arguments, file, "-Wl,--no-as-needed", .. libraries]);
    }
}
