#include "bench/db/mysql.h"

/* No password leaves on a connection that should be encrypted and is not. Connector/C goes on in plain text where the server
 * offers no TLS, and its plugin caching_sha2_password then sends the password as it is, because TLS was asked for. So every
 * plugin that can log in goes through us. When it is called, the server has greeted, and nothing has been sent. */
#ifdef MARIADB_PACKAGE_VERSION

enum { PLUGINS = 6, REFUSED = 0 /* CR_ERROR */, LOGS_IN = 2 /* MYSQL_CLIENT_AUTHENTICATION_PLUGIN */ };

static const char *const names[PLUGINS] = {"mysql_native_password", "caching_sha2_password",
                                           "sha256_password",       "client_ed25519",
                                           "mysql_clear_password",  "dialog"};

typedef int login_fn(void *vio, MYSQL *conn);

/* st_mysql_client_plugin_AUTHENTICATION, whose header cannot be included from where packages put it. */
struct plugin {
    struct st_mysql_client_plugin head;
    login_fn *login;
};

static login_fn *plain[PLUGINS];

static int login(int plugin, void *vio, MYSQL *conn)
{
    if ((conn->server_capabilities & CLIENT_SSL) == 0) {
        if (mysql_wait_refuses_plain())
            return REFUSED;
        conn->options.use_ssl = 0; /* there is none: the password goes by the server's public key */
    }
    return plain[plugin](vio, conn);
}

#define LOGIN(I)                                                                                             \
    static int login_##I(void *vio, MYSQL *conn)                                                             \
    {                                                                                                        \
        return login(I, vio, conn);                                                                          \
    }
LOGIN(0)
LOGIN(1)
LOGIN(2)
LOGIN(3)
LOGIN(4)
LOGIN(5)

static login_fn *const guarded[PLUGINS] = {login_0, login_1, login_2, login_3, login_4, login_5};

void mysql_auth_guard(void)
{
    MYSQL *conn = mysql_init(NULL);
    for (int i = 0; conn != NULL && i < PLUGINS; i++) {
        struct plugin *plugin = (struct plugin *)mysql_client_find_plugin(conn, names[i], LOGS_IN);
        if (plugin == NULL || plugin->head.interface_version >> 8 != 1 || plugin->login == guarded[i])
            continue;
        plain[i] = plugin->login;
        plugin->login = guarded[i];
    }
    mysql_close(conn);
}

#else

void mysql_auth_guard(void)
{
}

#endif
