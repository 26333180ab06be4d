using System.Globalization;
using System.Security;

namespace Lava.Build.Sdk.Tests;

/// <summary>An instance with static files and the web configuration of lava-server, without lava-server itself.</summary>
internal static class WebProject
{
    public const string Static = "share/lava-instance/static";

    /// <summary>The feature publisher, as lava-server.targets tells web.targets of it.</summary>
    public static (string Name, object Value) Publisher { get; } = ("_LavaFeatures", ";worker;publisher;");

    /// <summary>Static files of a release, as collectstatic would leave them there.</summary>
    private const string Collect = $$"""
        mkdir -p {{Static}}/css {{Static}}/docs/v2 && cd {{Static}} &&
        printf 'body { color: %s }' "$COLOUR" > css/site.css && printf 'h' > css/site.0123456789ab.css && printf '<p>docs' > docs/v2/index.html &&
        printf 'hidden' > css/.hidden && seq 20000 > large.txt
        """;

    /// <summary>The project's text.</summary>
    /// <param name="properties">Properties of the project, as XML.</param>
    /// <param name="colour">What distinguishes the release's static files, always of the same size.</param>
    /// <param name="items">More items, as XML.</param>
    public static string Body(string properties, string colour = "red", string items = "") => $"""
        <PropertyGroup>{properties}</PropertyGroup>
        <ItemGroup>
          {TestProject.Component("alpha", "1.0")}
          <LavaCommand Include="static files" Command="{SecurityElement.Escape(Collect)}"
                       Environment="COLOUR={colour}" />
          <LavaDirectory Include="var/dispatcher/tmp" />
          {items}
        </ItemGroup>
        <Import Project="{Repository.Sdk}/applications/lava-server/web.targets" />
        """;

    /// <summary>A project that is described but not built.</summary>
    public static TestProject Of(string properties, string items = "")
    {
        TestProject project = new();
        project.PackAlpha("1.0");
        project.Describe(Body(properties, items: items));
        return project;
    }

    /// <summary>An instance that stands.</summary>
    public static async Task<TestProject> BuiltAsync(string properties)
    {
        TestProject project = Of(properties);
        (await project.BuildAsync()).Succeeds();
        return project;
    }

    public static string Property(string name, object value) => string.Create(CultureInfo.InvariantCulture, $"<{name}>{value}</{name}>");

    /// <summary>Properties by name.</summary>
    public static string Properties(params (string Name, object Value)[] properties) =>
        string.Concat(properties.Select(property => Property(property.Name, property.Value)));

    /// <summary>The line of a server's main file that includes one of the instance's.</summary>
    public static string Include(string server, string instance, string file = "lava.conf") => server == "nginx"
        ? $"include \"{instance.Replace("\"", "\\\"", StringComparison.Ordinal)}/etc/nginx/{file}\";"
        : $"Include \"{instance.Replace("\"", "\\\"", StringComparison.Ordinal)}/etc/apache2/{file}\"";
}
