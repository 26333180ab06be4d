namespace Lava.Build.Sdk.Tests;

/// <summary>Where things stand in the repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Sdk { get; } = Path.Combine(Root, "src", "Lava.Build.Sdk");

    public static string SdkProps { get; } = Path.Combine(Sdk, "Sdk", "Sdk.props");

    public static string SdkTargets { get; } = Path.Combine(Sdk, "Sdk", "Sdk.targets");

    /// <summary>The configuration that the tests were built in, as their output directory says.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string TasksAssembly { get; } =
        Path.Combine(Root, "src", "Lava.Build.Tasks", "bin", Configuration, "net10.0", "Lava.Build.Tasks.dll");

    private static string FindRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Lava.Build.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"Lava.Build.sln is not above {AppContext.BaseDirectory}");
    }
}
